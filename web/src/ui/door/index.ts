export { default as ClaimScreen } from "./ClaimScreen.svelte";
export { default as InvitationScreen } from "./InvitationScreen.svelte";
export { default as SignInLinkScreen } from "./SignInLinkScreen.svelte";
export { default as SignInScreen } from "./SignInScreen.svelte";
