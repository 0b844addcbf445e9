// @ts-check
// Runs before any room: mends the address before anything reads it, and sets up what no room owns.
import { keepAddressMended } from "./address.js";
import { refuseStrayDrops } from "./drops.js";
import { installHook } from "./hook.js";
import { watchNumberFields } from "./numbers.js";
import { keepHistory } from "./tabs.js";
import { becomeHost } from "./visitor.js";
import { rereadStylesAsTheScreenChanges } from "./widths.js";

keepAddressMended();
becomeHost();
installHook();
keepHistory();
watchNumberFields();
refuseStrayDrops();
rereadStylesAsTheScreenChanges();
