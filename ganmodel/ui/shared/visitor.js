// @ts-check
// Who this browser is: the secret token that makes its runs its own. The server only ever keeps the
// token's sha256.
import { browser } from "./storage.js";

const TOKEN = /^[0-9a-f]{64}$/;

/** @param {number} bytes */
export function randomHex(bytes) {
  const drawn = crypto.getRandomValues(new Uint8Array(bytes));
  return Array.from(drawn, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export function token() {
  let secret = browser.get("token");
  if (!secret || !TOKEN.test(secret)) {
    secret = randomHex(32);
    browser.set("token", secret);
  }
  return secret;
}

/**
 * The host of a class comes by an address that holds the secret of their runs; it becomes this
 * browser's token, and leaves the address, so that nobody reads it over the host's shoulder.
 */
export function becomeHost() {
  const address = new URL(location.href);
  const secret = address.searchParams.get("host");
  if (secret === null) return;
  if (TOKEN.test(secret)) browser.set("token", secret);
  address.searchParams.delete("host");
  history.replaceState(null, "", address);
}

/** A start number at random, from 0 to 65,535. */
export const randomSeed = () => crypto.getRandomValues(new Uint16Array(1))[0];
