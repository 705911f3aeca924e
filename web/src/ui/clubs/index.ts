export { default as ClubsScreen } from "./ClubsScreen.svelte";
export { default as ClubScreen } from "./ClubScreen.svelte";
export { default as NewClubScreen } from "./NewClubScreen.svelte";
