import { FORMAT } from './database-layout.ts'
import { DeviceDatabase, type DeviceOptions } from './device-database.ts'
import type { DeviceStorage } from './room-storage.ts'

/** Opens the database of a device. Whatever that takes is loaded with this file, and with nothing else. */
export const openDevice = ({
  format = FORMAT,
  ...options
}: Omit<DeviceOptions, 'format'> & { readonly format: number | undefined }): DeviceStorage =>
  new DeviceDatabase({ format, ...options })
