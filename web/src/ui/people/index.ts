export { default as PeopleScreen } from "./PeopleScreen.svelte";
export { default as ProfileScreen } from "./ProfileScreen.svelte";
export { default as Suggested } from "./Suggested.svelte";
export { default as TiesScreen } from "./TiesScreen.svelte";
