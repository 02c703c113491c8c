import type { Changeable } from './changeable.ts'

export interface HostingEnv {
  readonly CHANGEABLE: DurableObjectNamespace<Changeable>
  readonly HOTEL: DurableObjectNamespace
  readonly GATE: DurableObjectNamespace
}
