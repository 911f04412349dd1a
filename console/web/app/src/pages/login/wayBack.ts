/** The address to go on to: only one of this console may be named, else `otherwise`. */
export const wayBack = (next: string | undefined, otherwise: string) => (next && /^\/(?![/\\])./.test(next) ? next : otherwise);
