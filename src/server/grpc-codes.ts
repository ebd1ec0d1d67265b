/**
 * gRPC status codes that this program distinguishes.
 *
 * @see google.rpc.Code
 */
export const DEADLINE_EXCEEDED = 4;
export const NOT_FOUND = 5;
export const PERMISSION_DENIED = 7;
export const UNAVAILABLE = 14;
export const UNAUTHENTICATED = 16;
