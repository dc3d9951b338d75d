/** Loaded on every page; each module looks for its own attribute and does nothing without it. */
import "./busy.js";
import "./menu.js";
import "./dialog.js";
import "./rows.js";
import "./hours.js";
import "./copy.js";
import "./reveal.js";
import "./counter.js";
import "./theme.js";
import "./timeline.js";
import "./focus.js";
