export { createTestServer } from './create-test-server.ts'
export type { TestCollection, TestRejection, TestServer, TestServerOptions } from './test-server.ts'
