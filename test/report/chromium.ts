// The browser that pages are looked at in: Chromium as the system has it. Tests skip where there is none.
import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

const PATHS = [
  process.env.CHROMIUM_PATH,
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
];

const executablePath = PATHS.find((path) => path !== undefined && existsSync(path));

/** True where there is no browser; suites say so in their titles. */
export const withoutChromium = executablePath === undefined;

/** What a skipped title ends with. */
export const NEEDS_CHROMIUM = '(needs Chromium, in /usr/bin or at CHROMIUM_PATH; skipped where it is absent)';

/** Starts the browser, which reaches no network. */
export function openBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: executablePath!, args: ['--no-sandbox'] });
}
