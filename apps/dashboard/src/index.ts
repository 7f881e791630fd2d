export { createClient } from './client.ts';
export { createApp, type AppOptions } from './server/app.ts';
export { NotFoundError, PageMissingError, PortBusyError, ServeSettingError } from './errors.ts';
export type { DatasetSource } from './server/images.ts';
export { listen, type ListenOptions } from './server/listen.ts';
