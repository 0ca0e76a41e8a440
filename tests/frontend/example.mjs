// What the tests of the example frontend share: its pages, and what the sample holds.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openPage } from '../browser/browser.mjs';

const SAMPLE = JSON.parse(readFileSync(join(import.meta.dirname, '../../upstream/sample/catalogue.json'), 'utf8'));
const named = (list, slug) => SAMPLE[list].find(each => each.slug === slug);

export const grids = SAMPLE.grids;
export const packageOf = slug => named('packages', slug);
export const packagesOf = slug => named('grids', slug).packages.map(id => SAMPLE.packages.find(each => each.id === id));
export const ungridded = SAMPLE.packages.find(each => !each.grids.length && each.commits_over_52.some(Boolean));

export async function openGrid(browser, query, options) {
  const page = await openPage(browser, `/example/?${query}`, options);
  await page.locator('tbody tr').first().waitFor();
  return page;
}

export const search = page => page.getByRole('combobox', { name: 'Find a grid or a package' });
export const titles = page => page.locator('tbody .title a').allInnerTexts();
// Not page.url(): the browser tells of it a moment later.
export const address = page => page.evaluate(() => location.search);
export const isFocused = locator => locator.evaluate(element => element === document.activeElement);

/** Hands the requests of a query to a test. */
export const onQuery = (page, name, handle) =>
  page.route(url => url.pathname === '/graphql' && url.searchParams.get('operationName') === name, handle);

/** Lets a test change what a query answers; `change` must not throw, or the page would wait for ever. */
export const onAnswer = (page, name, change) =>
  onQuery(page, name, async route => {
    const answer = await route.fetch();
    await route.fulfill({ json: change(await answer.json()) });
  });

/** Opens a grid whose packages, of which the first are the sample's, a test changes. */
export async function openChangedGrid(browser, query, change, options) {
  const page = await openPage(browser, '/example/?package=django-loci', options);
  await onAnswer(page, 'CompareGrid', ({ data: { grid } }) => ({ data: { grid: { ...grid, packages: change(grid.packages) } } }));
  await page.evaluate(search => history.pushState(null, '', search), `?${query}`);
  await page.locator('main table, main .notice').first().waitFor();
  return page;
}

/** A grid as large as the catalogue's largest. */
export const as117 = packages =>
  Array.from({ length: 117 }, (_, index) => {
    const one = packages[index % packages.length];
    return { ...one, slug: `${one.slug}-${index}`, title: `${one.title} ${index}`, repoWatchers: 2000 - index };
  });
