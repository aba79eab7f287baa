// SPDX-License-Identifier: MIT
// tests/clients/page.mjs - people in front of browsers, whom a test directs.
//
// Reads one command a line, its words parted by tabs, and answers each with one
// line, `ok …` or `fail …`. Each person has a profile of their own; whatever a
// command looks for may come within SECONDS. Selectors are Playwright's.
//
//   visit NAME URL [dark|phone|dusk]  opens a fresh profile there; dusk is a
//                                  phone in the dark
//   follow NAME URL                the same profile and tab, another address
//   tab NAME OTHER                 another tab, called NAME, of OTHER's profile
//   reload NAME
//   leaves NAME                    closes the page and its profile
//   fill NAME SELECTOR TEXT        types over what is in a field
//   say NAME TEXT…                 each into the message box, with Enter
//   value NAME SELECTOR            answers with what is in a field
//   invites NAME                   answers with the link that its button copies
//   address NAME                   answers with the address in the bar
//   storage NAME local|session     answers with all that is kept there
//   click NAME SELECTOR
//   press NAME KEY
//   hover NAME SELECTOR
//   choose NAME SELECTOR BUTTON    hovers over one, clicks the other within it
//   climb NAME SELECTOR            turns the wheel upwards until it is there
//   sees NAME SELECTOR [TEXT]      it can be seen, and its text is that one
//   misses NAME SELECTOR           it cannot be seen (any more)
//   reads NAME TEXT…               these are the conversation's messages, all
//   texts NAME [SELECTOR]          answers with those, or with the texts of what
//                                  SELECTOR finds, as JSON
//   count NAME SELECTOR            how many there are now
//   style NAME SELECTOR PROPERTY   answers with that property of all of them
//   titled NAME TEXT               the window is called that
//   shot NAME FILE
//   clean                          no page has complained of anything
import { chromium } from "playwright-core";
import { Failure, obey } from "./obey.mjs";

const SECONDS = 10;
const ARGUMENTS = [
	"--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
	"--disable-background-networking", "--disable-component-update",
	"--disable-sync",
];
const PHONE = {
	viewport: { width: 390, height: 780 },
	hasTouch: true, isMobile: true, deviceScaleFactor: 2,
};
const LOOKS = {
	"": { viewport: { width: 1200, height: 780 } },
	dark: { viewport: { width: 1200, height: 780 }, colorScheme: "dark" },
	phone: PHONE,
	dusk: { ...PHONE, colorScheme: "dark" },
};

const commands = {
	visit, follow, tab, reload, leaves, fill, value, say, invites, address, storage,
	click, press, hover, choose, climb, sees, misses, reads, texts, count, style,
	titled, shot, clean,
};

const BOX = ".composer textarea:visible"; // of the room that is open

const pages = new Map();
const complaints = [];
let browser = null;

function pageOf(name) {
	const page = pages.get(name);
	if (!page)
		throw new Failure(`nobody called ${name} looks at a page`);
	return page;
}

// Chromium reports as errors what a page is told on purpose: that a password was
// wrong, that an invite is over, that the server is away just now. Who never logged in asks nothing.
function isToBeExpected(text, url) {
	if (/Content Security Policy/iu.test(text))
		return false;
	if (/status of 401/u.test(text) && /\/auth\/me$/u.test(url))
		return false;
	if (/status of 404/u.test(text) && /\/api\/invites\/accept$/u.test(url))
		return true;
	return /net::ERR_(CONNECTION|EMPTY|NETWORK|INCOMPLETE|SOCKET)/u.test(text) ||
		(/status of (401|503)/u.test(text) && /\/(auth|api)\//u.test(url)) ||
		/^WebSocket connection to .* failed/u.test(text);
}

function watch(name, page) {
	page.setDefaultTimeout(SECONDS * 1000);
	page.on("pageerror", (error) => complaints.push(`${name}: ${error.stack}`));
	page.on("console", (entry) => {
		if (!["error", "warning"].includes(entry.type()))
			return;
		if (!isToBeExpected(entry.text(), entry.location().url))
			complaints.push(`${name}: ${entry.text()} ${entry.location().url}`);
	});
	pages.set(name, page);
}

async function visit(name, url, look = "") {
	browser ??= await chromium.launch({
		executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
		headless: true, args: ARGUMENTS,
	});
	const profile = await browser.newContext({
		locale: "en-GB", ...LOOKS[look],
		permissions: ["clipboard-read", "clipboard-write"],
	});
	const page = await profile.newPage();
	watch(name, page);
	await page.goto(url);
}

async function follow(name, url) {
	await pageOf(name).goto(url);
}

async function tab(name, other) {
	const page = await pageOf(other).context().newPage();
	watch(name, page);
	await page.goto(pageOf(other).url());
}

async function reload(name) {
	await pageOf(name).reload();
}

async function leaves(name) {
	await pageOf(name).context().close();
	pages.delete(name);
}

async function fill(name, selector, text) {
	await pageOf(name).fill(selector, text);
}

async function value(name, selector) {
	return pageOf(name).inputValue(selector);
}

async function say(name, ...texts) {
	for (const text of texts) {
		await pageOf(name).fill(BOX, text);
		await pageOf(name).press(BOX, "Enter");
	}
}

async function invites(name) {
	const page = pageOf(name);
	await page.evaluate(() => navigator.clipboard.writeText(""));
	await page.click("#sealed-copy");
	return eventually(() => page.evaluate(() => navigator.clipboard.readText()),
		(text) => text !== "");
}

async function address(name) {
	return pageOf(name).url();
}

async function storage(name, kind) {
	return pageOf(name).evaluate((which) =>
		JSON.stringify({ ...window[`${which}Storage`] }), kind);
}

async function click(name, selector) {
	await pageOf(name).click(selector);
}

async function press(name, key) {
	await pageOf(name).keyboard.press(key);
}

async function hover(name, selector) {
	await pageOf(name).hover(selector);
}

async function choose(name, selector, button) {
	const node = pageOf(name).locator(selector);
	await node.hover();
	await node.locator(button).click();
}

// A turn of the wheel is an event that the page answers in a later frame.
async function climb(name, selector) {
	const page = pageOf(name);
	const deadline = Date.now() + SECONDS * 1000;
	await page.hover("#log");
	while (await page.locator(selector).count() === 0) {
		if (Date.now() > deadline)
			throw new Failure(`${selector} did not come; above all is ` +
				await page.locator("#log article").first().innerText());
		await page.mouse.wheel(0, -1500);
		await page.evaluate(() => new Promise(requestAnimationFrame));
	}
}

async function sees(name, selector, text) {
	const node = pageOf(name).locator(selector).first();
	await node.waitFor();
	if (text !== undefined)
		await eventually(() => node.innerText(), (got) => got.trim() === text);
}

async function misses(name, selector) {
	await pageOf(name).locator(selector).first().waitFor({ state: "hidden" });
}

// What is in a message for a screen reader alone is not its text.
function textsOf(page) {
	return page.locator(".log:visible article .text").evaluateAll((nodes) =>
		nodes.map((node) => [...node.childNodes]
			.filter((part) => part.className !== "unseen")
			.map((part) => part.textContent).join("")));
}

async function reads(name, ...texts) {
	const wanted = JSON.stringify(texts);
	await eventually(() => textsOf(pageOf(name)),
		(got) => JSON.stringify(got) === wanted);
}

async function texts(name, selector) {
	return JSON.stringify(selector
		? await pageOf(name).locator(selector).allInnerTexts()
		: await textsOf(pageOf(name)));
}

async function count(name, selector) {
	return pageOf(name).locator(selector).count();
}

async function style(name, selector, property) {
	const values = await pageOf(name).locator(selector).evaluateAll(
		(nodes, wanted) => nodes.map((node) =>
			getComputedStyle(node).getPropertyValue(wanted)), property);
	return values.join(" ");
}

async function titled(name, text) {
	await eventually(() => pageOf(name).title(), (got) => got === text);
}

async function eventually(look, isRight) {
	const deadline = Date.now() + SECONDS * 1000;
	for (;;) {
		const got = await look();
		if (isRight(got))
			return got;
		if (Date.now() > deadline)
			throw new Failure(`got ${JSON.stringify(got)}`);
		await new Promise((resolve) => setTimeout(resolve, 40));
	}
}

async function shot(name, file) {
	await pageOf(name).screenshot({ path: file });
}

function clean() {
	if (complaints.length > 0)
		throw new Failure(complaints.join(" | "));
}

await obey(commands);
await browser?.close();
