// What is asked of the server about guests, by those who give seats and by those who take them.

import type { DisplayName } from "../protocol/DisplayName";
import type { GuestLink } from "../protocol/GuestLink";
import type { GuestPass } from "../protocol/GuestPass";
import type { GuestSeat } from "../protocol/GuestSeat";
import type { NewLink } from "../protocol/NewLink";
import type { RoomId } from "../protocol/RoomId";
import type { SeatId } from "../protocol/SeatId";
import type { api, Result } from "./api";

type Asks = Pick<typeof api, "call">;

export const lookAtSeat = (api: Asks, pass: GuestPass): Promise<Result<GuestSeat>> => api.call("POST", "/guests/look", pass);
export const giveSeat = (api: Asks, room: RoomId, name: DisplayName): Promise<Result<NewLink>> => api.call("POST", `/rooms/${room}/guests`, { name });
export const givenSeats = (api: Asks, room: RoomId): Promise<Result<GuestLink[]>> => api.call("GET", `/rooms/${room}/guests`);
export const takeSeatBack = (api: Asks, room: RoomId, seat: SeatId): Promise<Result<void>> => api.call("DELETE", `/rooms/${room}/guests/${seat}`);
