export { default as PeopleScreen } from "./PeopleScreen.svelte";
export { default as ProfileScreen } from "./ProfileScreen.svelte";
