// Sheets, what only those who keep order see, and what says that something has happened in a room: not needed for the
// first word. Whoever starts a room has come by one of them; for all others `Inside` fetches them a moment later.
export { default as Away } from "./hallway/Away.svelte";
export { default as Available } from "./hallway/Available.svelte";
export { default as ChatBox } from "./room/ChatBox.svelte";
export { default as Companion } from "./room/Companion.svelte";
export { default as Decided } from "./hallway/Decided.svelte";
export { default as Dock } from "./Dock.svelte";
export { default as HandOverSheet } from "./room/HandOverSheet.svelte";
export { default as HiddenCard } from "./hallway/HiddenCard.svelte";
export { default as HelpSheet } from "./HelpSheet.svelte";
export { default as InsecureBanner } from "./door/InsecureBanner.svelte";
export { default as InRoom } from "./room/InRoom.svelte";
export { default as InviteSheet } from "./room/InviteSheet.svelte";
export { default as LeftNote } from "./room/LeftNote.svelte";
export { default as LeftScreen } from "./room/LeftScreen.svelte";
export { default as MicrophoneHelp } from "./room/MicrophoneHelp.svelte";
export { default as Moved } from "./hallway/Moved.svelte";
export { default as PanelFoot } from "./room/PanelFoot.svelte";
export { default as PersonSheet } from "./room/PersonSheet.svelte";
export { default as Queue } from "./room/Queue.svelte";
export { default as RoomMenu } from "./room/RoomMenu.svelte";
export { default as StageAsk } from "./room/StageAsk.svelte";
export { default as StartSheet } from "./hallway/StartSheet.svelte";
export { default as TalkLine } from "./room/TalkLine.svelte";
export { default as TakeOverSheet } from "./room/TakeOverSheet.svelte";
export { default as TalkToasts } from "./TalkToasts.svelte";
export { default as Toasts } from "./Toasts.svelte";
