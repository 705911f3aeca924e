// Fetched when a room is entered: nobody reacts on the first screen.

export { default as ReactButton } from "./ReactButton.svelte";
export { default as Rising } from "./Rising.svelte";
