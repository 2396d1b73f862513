"use strict";

require("./runner.js").perform(require("./session.js").main);
