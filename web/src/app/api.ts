import type { api, Result } from "../session/api";

export type Api = typeof api;
export type { Result };
