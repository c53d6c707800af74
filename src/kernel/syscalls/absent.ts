// table
// Calls that aren't there, each with the reason.
export {};
