// SPDX-License-Identifier: MIT
// docs/screenshots/photograph.mjs - takes one picture by Chromium.
//
//   node photograph.mjs page URL USER PASSWORD ROOM FILE    the page, as that user sees it
//   node photograph.mjs terminal SCREEN TITLE FILE          see terminal.mjs
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { pageOf } from "./terminal.mjs";

const { chromium } = createRequire(new URL("../../tests/package.json", import.meta.url))("playwright-core");

const ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"];

async function photographPage(tab, [url, user, password, room, file]) {
	await tab.goto(url);
	await tab.fill("#login-name", user);
	await tab.fill("#login-password", password);
	await tab.click("#login-submit");
	await tab.click(`#room-lists button.room:has-text("${room}")`);
	await tab.waitForSelector('#typing:has-text("typing")');
	await tab.screenshot({ path: file });
}

async function photographTerminal(tab, [screen, title, file]) {
	await tab.setContent(pageOf(readFileSync(screen, "utf8"), title));
	await tab.locator("#window").screenshot({ path: file });
}

const [kind, ...rest] = process.argv.slice(2);
const browser = await chromium.launch({
	executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
	headless: true, args: ARGUMENTS,
});
try {
	const tab = await browser.newPage({
		viewport: { width: 1100, height: 700 }, deviceScaleFactor: 1.5, locale: "en-GB",
	});
	tab.setDefaultTimeout(20_000);
	await (kind === "page" ? photographPage : photographTerminal)(tab, rest);
} finally {
	await browser.close();
}
