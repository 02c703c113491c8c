/** Under which TanStack DB's `DbClient` looks for what makes options anew; the key of its `withCollectionConfigFactory`. */
const CONFIG_FACTORY = Symbol.for('@tanstack/db.collectionConfig.factory')

type Factory = (...given: readonly unknown[]) => object

/** Two `DbClient`s must not share one config: each has its own made. A copy of `config` does not have it. */
export function withFactory<Config extends object>(config: Config, make: Factory): Config {
  return Object.defineProperty(config, CONFIG_FACTORY, { value: make })
}

/** `options` and `more`, also where a `DbClient` has them made anew. A spread of both would lose that. */
export function extendedOptions<Options extends object, const More extends object>(
  options: Options,
  more: More,
): Options & More {
  const extended = { ...options, ...more }
  const { [CONFIG_FACTORY]: make } = options as { readonly [CONFIG_FACTORY]?: Factory }
  return make ? withFactory(extended, (...given) => extendedOptions(make(...given), more)) : extended
}
