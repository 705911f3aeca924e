// What is asked of the server by whoever runs it, from their own page.

import type { Decide } from "../protocol/Decide";
import type { Handle } from "../protocol/Handle";
import type { OrderPage } from "../protocol/OrderPage";
import type { ReportNumber } from "../protocol/ReportNumber";
import type { api as all } from "./api";

export const ordering = (api: Pick<typeof all, "call">) => ({
  order: () => api.call<OrderPage>("GET", "/order"),
  decide: (number: ReportNumber, decide: Decide) => api.call<void>("POST", `/order/reports/${number}`, decide),
  suspend: (handle: Handle) => api.call<void>("PUT", `/order/suspended/${encodeURIComponent(handle)}`, {}),
  unsuspend: (handle: Handle) => api.call<void>("DELETE", `/order/suspended/${encodeURIComponent(handle)}`),
  pauseBranch: (handle: Handle) => api.call<void>("PUT", `/order/paused/${encodeURIComponent(handle)}`, {}),
  resumeBranch: (handle: Handle) => api.call<void>("DELETE", `/order/paused/${encodeURIComponent(handle)}`),
  protect: (handle: Handle) => api.call<void>("PUT", `/order/protected/${encodeURIComponent(handle)}`, {}),
  unprotect: (handle: Handle) => api.call<void>("DELETE", `/order/protected/${encodeURIComponent(handle)}`),
});
