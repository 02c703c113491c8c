const text = (value) => JSON.stringify(value)

/**
 * What workerd serves, in its own configuration language: the Worker, its classes of Durable Objects with SQLite below `objects`, and the
 * built page. It is written to, and run in, the folder that holds all of them.
 */
export const workerdConfig = ({ port, instance }) => `
using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [
    (name = "worker", worker = (
      modules = [(name = "worker.js", esModule = embed "worker.js")],
      compatibilityDate = "2026-04-01",
      durableObjectNamespaces = [
        (className = "ChatRoom", uniqueKey = "chat-room", enableSql = true),
        (className = "TaskBoard", uniqueKey = "task-board", enableSql = true),
        (className = "Shop", uniqueKey = "shop", enableSql = true),
        (className = "Desk", uniqueKey = "desk", enableSql = true)
      ],
      durableObjectStorage = (localDisk = "objects"),
      bindings = [
        (name = "ROOMS", durableObjectNamespace = "ChatRoom"),
        (name = "BOARDS", durableObjectNamespace = "TaskBoard"),
        (name = "SHOPS", durableObjectNamespace = "Shop"),
        (name = "DESKS", durableObjectNamespace = "Desk"),
        (name = "PAGE", service = "page"),
        (name = "INSTANCE", text = ${text(instance)})
      ]
    )),
    (name = "objects", disk = (path = "objects", writable = true)),
    (name = "page", disk = (path = "page"))
  ],
  sockets = [(name = "http", address = ${text(`127.0.0.1:${port}`)}, http = (), service = "worker")]
);
`
