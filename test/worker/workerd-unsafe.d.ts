/** Only there with the compatibility flag `unsafe_module`, which needs `experimental`. Not in workers-types. */
declare module 'workerd:unsafe' {
  const unsafe: {
    /** Takes the object out of memory, as hibernation does after ten idle seconds; its sockets stay open or are closed. */
    evict(stub: DurableObjectStub, options: { readonly webSockets: 'hibernate' | 'close' }): Promise<void>
  }
  export default unsafe
}
