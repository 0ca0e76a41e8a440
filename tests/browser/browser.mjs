// A Chromium page that remembers what a page must not do, for the tests beside it.
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import axe from 'axe-core';
import { chromium } from 'playwright-core';

export const GATEWAY = process.env.GATEWAY_URL;
const SCREENSHOTS = join(import.meta.dirname, '../../.artifacts/screenshots');

const PATIENCE = 300_000; // milliseconds; only what hangs takes as long

export const DESKTOP = { viewport: { width: 1280, height: 800 } };
export const PHONE = { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true };

export const launch = () =>
  chromium.launch({
    timeout: PATIENCE,
    executablePath: process.env.CHROMIUM,
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });

/** Opens a page of a browser that was never here before. `page.faults` collects console errors, exceptions, failed
 * and refused requests, requests to other hosts and violations of the page's policy; `page.bytes()` is what it has
 * received, compressed as it came. `init` runs in the page before its own scripts. */
export async function openPage(browser, path, { init, ...options } = DESKTOP) {
  const context = await browser.newContext({ ...options, permissions: ['clipboard-read', 'clipboard-write'] });
  context.setDefaultTimeout(PATIENCE);
  const page = await context.newPage();
  const faults = [];
  const responses = [];
  page.faults = faults;
  page.bytes = async () => {
    const sizes = new Map();
    for (const response of responses) sizes.set(response.url(), Math.max(sizes.get(response.url()) ?? 0, await bodySize(response)));
    return [...sizes.values()].reduce((sum, size) => sum + size, 0);
  };
  await page.exposeFunction('reportViolation', text => faults.push(`policy: ${text}`));
  await page.addInitScript(() =>
    document.addEventListener('securitypolicyviolation', event =>
      window.reportViolation(`${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}`),
    ),
  );
  if (init) await page.addInitScript(init);
  page.on('console', message => {
    if (['error', 'warning'].includes(message.type())) faults.push(`console: ${message.text()}`);
  });
  page.on('pageerror', error => faults.push(`exception: ${error.message}`));
  page.on('requestfailed', request => {
    // Leaving a page aborts what it still loads.
    const { errorText } = request.failure();
    if (errorText !== 'net::ERR_ABORTED') faults.push(`failed: ${request.url()} ${errorText}`);
  });
  page.on('request', request => {
    const url = new URL(request.url());
    if (url.protocol !== 'data:' && url.origin !== new URL(GATEWAY).origin) faults.push(`other host: ${url}`);
  });
  page.on('response', response => {
    // What is told of changes has no end.
    if (response.headers()['content-type'] !== 'text/event-stream') responses.push(response);
  });
  page.response = await page.goto(GATEWAY + path);
  return page;
}

// The browser does not report what a worker's script took; its header does.
const bodySize = async response =>
  Number(response.headers()['content-length'] ?? 0) || (await response.request().sizes()).responseBodySize;

export async function closePage(page) {
  await page.unrouteAll({ behavior: 'ignoreErrors' }); // what is still under way has nobody to answer
  await page.context().close();
  assert.deepEqual(page.faults, []);
}

export async function screenshot(page, name, options) {
  mkdirSync(SCREENSHOTS, { recursive: true });
  await page.screenshot({ path: join(SCREENSHOTS, `${name}.png`), ...options });
}

/** What is hard to read: texts with a contrast under 4.5 (WCAG 2.2, contrast, minimum). */
export const contrast = page =>
  page.evaluate(() => {
    const luminance = color => {
      const [red, green, blue] = color
        .match(/[\d.]+/g)
        .slice(0, 3)
        .map(value => value / 255)
        .map(value => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4));
      return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
    };
    const ground = element => {
      const { backgroundColor } = getComputedStyle(element);
      return backgroundColor === 'rgba(0, 0, 0, 0)' ? ground(element.parentElement) : backgroundColor;
    };
    return Array.from(document.querySelectorAll('h1, h2, p, a, dt, dd, summary, code, pre *, span'), element => {
      const [low, high] = [luminance(getComputedStyle(element).color), luminance(ground(element))].sort((a, b) => a - b);
      return { text: element.textContent.slice(0, 30), ratio: (high + 0.05) / (low + 0.05) };
    }).filter(({ ratio }) => ratio < 4.5);
  });

/** Waits until what is found shows a text. */
export const shows = (locator, text) => locator.filter({ hasText: text }).waitFor();

/** What axe-core, which checks WCAG's rules, objects to once nothing fades or moves any more. */
export async function violations(page) {
  await page.evaluate(() => {
    const ending = document.getAnimations().filter(each => each.effect.getComputedTiming().endTime !== Infinity);
    return Promise.allSettled(ending.map(each => each.finished));
  });
  await page.evaluate(axe.source);
  const found = await page.evaluate(() => window.axe.run());
  return found.violations.map(({ id, nodes }) => `${id}: ${nodes[0].html}`);
}
