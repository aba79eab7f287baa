// SPDX-License-Identifier: MIT
// docs/screenshots/terminal.mjs - what a terminal shows, as `tmux capture-pane -e`
// writes it, made into a page: colours, bold, reverse and lines.

const PALETTE = [
	"#3b4252", "#d8606b", "#7fb069", "#e0b05c", "#6c99d2", "#b48ead", "#6fb7c4", "#d8dee9",
	"#616e88", "#e88388", "#a3be8c", "#ebcb8b", "#88b0e8", "#c8a5d0", "#8fd0dc", "#eceff4",
];
const FOREGROUND = "#d8dee9", BACKGROUND = "#20242d";
const LINES = { // of the alternate character set
	j: "┘", k: "┐", l: "┌", m: "└", n: "┼", q: "─", t: "├", u: "┤", v: "┴", w: "┬", x: "│",
	a: "▒", "`": "◆", "~": "·", o: "⎺", s: "⎽", f: "°", g: "±", y: "≤", z: "≥",
};

function colourOf256(n) {
	if (n < 16)
		return PALETTE[n];
	if (n >= 232)
		return `rgb(${Array(3).fill(8 + (n - 232) * 10).join(",")})`;
	const level = (i) => i === 0 ? 0 : 55 + i * 40;
	return `rgb(${[(n - 16) / 36, (n - 16) / 6 % 6, (n - 16) % 6]
		.map((i) => level(Math.floor(i))).join(",")})`;
}

// Takes what follows 38 or 48; the colour.
function takeColour(codes) {
	if (codes.shift() === 5)
		return colourOf256(codes.shift());
	return `rgb(${codes.splice(0, 3).join(",")})`;
}

const switches = new Map([
	[1, ["bold", true]], [2, ["dim", true]], [3, ["italic", true]], [4, ["underlined", true]],
	[7, ["reverse", true]], [23, ["italic", false]], [24, ["underlined", false]],
	[27, ["reverse", false]], [39, ["fore", undefined]], [49, ["back", undefined]],
]);

function apply(style, codes) {
	while (codes.length > 0) {
		const code = codes.shift();
		if (code === 0)
			for (const key of Object.keys(style))
				delete style[key];
		else if (code === 22)
			style.bold = style.dim = false;
		else if (code === 38)
			style.fore = takeColour(codes);
		else if (code === 48)
			style.back = takeColour(codes);
		else if (switches.has(code))
			style[switches.get(code)[0]] = switches.get(code)[1];
		else
			applyColour(style, code);
	}
}

function applyColour(style, code) {
	const tens = Math.floor(code / 10), units = code % 10;
	if (units > 7)
		return;
	if (tens === 3 || tens === 9)
		style.fore = PALETTE[units + (tens === 9 ? 8 : 0)];
	if (tens === 4 || tens === 10)
		style.back = PALETTE[units + (tens === 10 ? 8 : 0)];
}

function css(style) {
	let fore = style.fore ?? FOREGROUND, back = style.back;
	if (style.reverse)
		[fore, back] = [back ?? BACKGROUND, fore];
	return `color:${fore};` + (back ? `background:${back};` : "") +
		(style.bold ? "font-weight:bold;" : "") + (style.dim ? "opacity:.65;" : "") +
		(style.italic ? "font-style:italic;" : "") +
		(style.underlined ? "text-decoration:underline;" : "");
}

function escaped(text) {
	return text.replace(/[&<>]/gu, (c) => `&#${c.codePointAt(0)};`);
}

function body(screen) {
	const style = {};
	let isLines = false, html = "";
	for (const [part] of screen.matchAll(/\x1b\[[\d;:]*[A-Za-z]|\x0e|\x0f|\x1b[()].|[^\x1b\x0e\x0f]+/gu)) {
		if (part === "\x0e" || part === "\x0f")
			isLines = part === "\x0e";
		else if (part.startsWith("\x1b["))
			apply(style, part.slice(2, -1).split(/[;:]/u).map(Number));
		else if (!part.startsWith("\x1b")) {
			const text = isLines ? part.replace(/[^\n]/gu, (c) => LINES[c] ?? c) : part;
			html += `<span style="${css(style)}">${escaped(text)}</span>`;
		}
	}
	return html;
}

// A page with a window of that title, whose id is `window`.
export function pageOf(screen, title) {
	const dots = ["#e88388", "#ebcb8b", "#a3be8c"].map((c) => `<i style="background:${c}"></i>`);
	return `<!doctype html><meta charset="utf-8"><style>
body { margin: 0; background: white }
#window { display: inline-block; background: ${BACKGROUND}; overflow: hidden }
header { display: flex; align-items: center; gap: 7px; padding: 9px 12px; background: #2e3440;
	font: 13px "DejaVu Sans", sans-serif; color: #9aa5b8 }
header i { width: 11px; height: 11px; border-radius: 50% }
header b { flex: 1; text-align: center; font-weight: normal; margin-right: 54px }
pre { margin: 0; padding: 10px 14px 14px; font: 15px/1.18 "DejaVu Sans Mono", monospace }
</style><div id="window"><header>${dots.join("")}<b>${escaped(title)}</b></header><pre>${
	body(screen.replace(/\n+$/u, ""))}</pre></div>`;
}
