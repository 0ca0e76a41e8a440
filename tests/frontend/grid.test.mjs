// The page of a grid as a person meets it: rows, order, filters, columns, paper, failures.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { closePage, DESKTOP, launch, openPage, screenshot } from '../browser/browser.mjs';
import { address, as117, isFocused, onAnswer, onQuery, openChangedGrid, openGrid, packagesOf, titles } from './example.mjs';

let browser;
before(async () => (browser = await launch()));
after(() => browser.close());

/** Reads CSV as RFC 4180 has it, behind the mark of UTF-8. */
const readCsv = text => {
  assert.equal(text[0], '\ufeff');
  const cells = [...text.slice(1).matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/g)];
  const rows = [[]];
  for (const [, quoted, plain, end] of cells) {
    rows.at(-1).push(quoted?.replaceAll('""', '"') ?? plain);
    if (end !== ',') rows.push([]);
  }
  return rows.slice(0, -1);
};

const row = (page, slug) => page.locator(`tr[data-package="${slug}"]`);

test('shows the catalogue’s values, the most starred package first', async () => {
  const page = await openGrid(browser, 'grid=geolocation');
  const expected = packagesOf('geolocation').sort((one, other) => other.repo_watchers - one.repo_watchers);
  assert.deepEqual(await titles(page), expected.map(each => each.title));
  for (const each of expected) {
    const cell = name => row(page, each.slug).locator(`.${name}`);
    assert.equal(parseInt(await cell('stars').innerText()), each.repo_watchers);
    assert.equal(parseInt(await cell('forks').innerText()), each.repo_forks);
    assert.equal(Date.parse(await cell('updated').locator('time').getAttribute('datetime')), Date.parse(each.last_updated));
    assert.equal(await cell('release').innerText(), each.pypi_version);
    assert.equal(await cell('category').innerText(), 'App');
    const repository = row(page, each.slug).getByRole('link', { name: `Repository of ${each.title}` });
    assert.equal(await repository.getAttribute('href'), each.repo_url);
  }
  assert.equal(await page.title(), 'Geolocation: 4 packages side by side');
  await closePage(page);
});

test('draws a bar for each week that had commits', async () => {
  const page = await openGrid(browser, 'grid=geolocation');
  for (const { slug, commits_over_52: weeks } of packagesOf('geolocation')) {
    const sparkline = row(page, slug).locator('.sparkline');
    const bars = ((await sparkline.locator('.bars').getAttribute('d')) ?? '').match(/M\d+ 32v-[\d.]+/g) ?? [];
    const busy = [...weeks.keys()].filter(week => weeks[week]);
    assert.deepEqual(bars.map(bar => (parseInt(bar.slice(1)) - 1) / 3), busy);
    const total = weeks.reduce((sum, commits) => sum + commits);
    const label = `${total} commits in 52 weeks, at most ${Math.max(...weeks)} in one`;
    assert.equal(await sparkline.getAttribute('aria-label'), label);
  }
  await closePage(page);
});

test('a heading sorts downwards, then upwards; a `-` in the address is downwards', async () => {
  const page = await openGrid(browser, 'grid=maps');
  const upwards = packagesOf('maps').map(each => each.repo_forks).sort((one, other) => one - other);
  const forks = async () => (await page.locator('tbody .forks').allInnerTexts()).map(text => parseInt(text));
  const heading = page.getByRole('columnheader', { name: 'Forks' });
  await heading.getByRole('button').focus();
  await page.keyboard.press('Enter');
  assert.deepEqual(await forks(), upwards.toReversed());
  assert.equal(await heading.getAttribute('aria-sort'), 'descending');
  assert.equal(await address(page), '?grid=maps&sort=-forks');
  await page.keyboard.press('Enter');
  assert.deepEqual(await forks(), upwards);
  assert.equal(await heading.getAttribute('aria-sort'), 'ascending');
  assert.equal(await address(page), '?grid=maps&sort=forks');

  await page.getByRole('columnheader', { name: 'Package' }).getByRole('button').click();
  assert.equal(await address(page), '?grid=maps&sort=title');
  await closePage(page);

  const shared = await openGrid(browser, 'grid=maps&sort=-forks');
  const found = (await shared.locator('tbody .forks').allInnerTexts()).map(text => parseInt(text));
  assert.deepEqual(found, upwards.toReversed());
  await closePage(shared);
});

test('what is not known comes last, upwards and downwards', async () => {
  for (const sort of ['updated', '-updated']) {
    const forget = ([first, ...others]) => [{ ...first, lastUpdated: null }, ...others];
    const page = await openChangedGrid(browser, `grid=geolocation&sort=${sort}`, forget);
    assert.equal(await page.locator('tbody .updated').last().innerText(), 'Unknown');
    await closePage(page);
  }
});

test('says what of the address it does not understand, and shows the rest of it', async () => {
  const page = await openGrid(
    browser,
    'grid=geolocation&sort=colour&columns=stars,weight&active=maybe&category=cars&pick=nobody&colour=red&words=django',
  );
  const said = await page.locator('.misunderstood').innerText();
  for (const each of ['colour', 'weight', 'maybe', 'cars']) assert.match(said, new RegExp(`“${each}”`));
  assert.equal((await titles(page)).length, 4);
  assert.equal(await page.getByRole('columnheader', { name: 'Stars' }).getAttribute('aria-sort'), 'descending');
  await closePage(page);

  const right = await openGrid(browser, 'grid=geolocation&sort=-stars&columns=stars+forks&active=yes');
  assert.equal(await right.locator('.misunderstood').count(), 0);
  await closePage(right);
});

test('words, conditions and a category narrow the rows down, and stand in the address', async () => {
  const kinds = packages =>
    packages.map((each, index) => ({
      ...each,
      commitsLastYear: index ? 5 : 0,
      pypiVersion: index === 1 ? null : '1.0',
      documentationUrl: index === 2 ? null : 'https://docs.example/',
      category: index === 3 ? { ...each.category, slug: 'frameworks', titlePlural: 'Frameworks' } : each.category,
    }));
  const page = await openChangedGrid(browser, 'grid=geolocation&sort=title', kinds);
  const all = await titles(page);
  const packages = packagesOf('geolocation').map(each => each.title);
  const shown = async () => new Set(await titles(page));
  const without = index => new Set(packages.filter((_, place) => place !== index));
  for (const [index, name] of ['Active this year', 'Released', 'Documented'].entries()) {
    await page.getByRole('checkbox', { name }).check();
    assert.deepEqual(await shown(), without(index), name);
    assert.match(await address(page), /&(active|released|documented)=yes$/);
    await page.getByRole('checkbox', { name }).uncheck();
  }
  await page.getByRole('combobox', { name: 'Category' }).selectOption('Frameworks');
  assert.deepEqual(await shown(), new Set([packages[3]]));
  await page.getByText('1 of 4 packages').waitFor();
  await page.getByRole('combobox', { name: 'Category' }).selectOption('All categories');

  const words = page.getByRole('searchbox', { name: /^Words/ });
  await words.fill('LOCI django');
  assert.deepEqual(await titles(page), ['django-loci']);
  assert.match(await address(page), /&words=LOCI\+django$/);
  await words.fill('qwertzuiop');
  await page.getByText('No package of this grid is like that').waitFor();
  await page.getByRole('button', { name: 'Show all' }).click();
  assert.deepEqual(await titles(page), all);
  await closePage(page);
});

test('columns are chosen with the keyboard, and the address keeps them', async () => {
  const page = await openGrid(browser, 'grid=maps');
  const headings = async () => (await page.getByRole('columnheader').allInnerTexts()).filter(Boolean);
  const usual = await headings();
  const menu = page.locator('summary', { hasText: 'Columns' });
  await menu.focus();
  await page.keyboard.press('Enter');
  const added = page.getByRole('checkbox', { name: 'Added' });
  await added.focus();
  await page.keyboard.press('Space');
  await page.getByRole('checkbox', { name: 'Description' }).uncheck();
  await page.keyboard.press('Escape');
  assert.equal(await added.isVisible(), false);
  assert.ok(await isFocused(menu));
  const chosen = await headings();
  assert.ok(chosen.includes('Added') && !chosen.includes('Description'), `${chosen}`);

  await page.reload();
  await page.locator('tbody tr').first().waitFor();
  assert.deepEqual(await headings(), chosen);
  await menu.click();
  await added.uncheck();
  await page.getByRole('checkbox', { name: 'Description' }).check();
  await page.getByRole('heading', { level: 1 }).click();
  assert.equal(await added.isVisible(), false);
  assert.deepEqual(await headings(), usual);
  assert.equal(await address(page), '?grid=maps');
  await closePage(page);
});

test('hands out the rows that are shown as CSV, in their order, with nothing that a spreadsheet would run', async () => {
  const description = '=1+1, "one"\r\nline';
  const described = packages => packages.map(each => ({ ...each, repoDescription: description }));
  const page = await openChangedGrid(browser, 'grid=geolocation&words=loc&sort=-title', described);
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Download CSV' }).click(),
  ]);
  assert.equal(download.suggestedFilename(), 'geolocation.csv');
  const [head, ...rows] = readCsv(await readFile(await download.path(), 'utf8'));
  const column = name => rows.map(each => each[head.indexOf(name)]);
  assert.deepEqual(column('title'), await titles(page));
  assert.ok(rows.length > 1 && rows.length < 4);
  assert.deepEqual(new Set(column('repoDescription')), new Set([`'${description}`]));
  const known = column('slug').map(slug => packagesOf('geolocation').find(each => each.slug === slug));
  assert.deepEqual(column('repoWatchers'), known.map(each => `${each.repo_watchers}`));
  await closePage(page);
});

for (const width of [360, 768, 1280, 1920]) {
  test(`117 packages are dense at ${width} px`, async () => {
    const viewport = { width, height: 900 };
    const page = await openChangedGrid(browser, 'grid=geolocation', as117, { viewport });
    const heights = await page.locator('tbody tr').evaluateAll(rows => rows.map(each => each.getBoundingClientRect().height));
    assert.equal(heights.length, 117);
    assert.ok(Math.max(...heights) <= 56, `${Math.max(...heights)} px`);
    const inView = await page.locator('tbody tr').evaluateAll(
      rows => rows.filter(each => each.getBoundingClientRect().bottom <= innerHeight).length,
    );
    assert.ok(inView >= (width < 1000 ? 9 : 14), `${inView} rows on the first screen`);
    // Nothing of a value may be seen of which there is no room for all.
    const cut = await page.locator('tbody tr').evaluateAll(rows =>
      rows.flatMap(each => {
        const { bottom } = each.getBoundingClientRect();
        return [...each.children].filter(cell => {
          const box = cell.getBoundingClientRect();
          return box.height && box.top < bottom - 1 && box.bottom > bottom + 1;
        });
      }).length,
    );
    assert.equal(cut, 0);
    await screenshot(page, `frontend-117-${width}`);
    await closePage(page);
  });
}

test('prints the table, dark on white, on few pages', async () => {
  const page = await openChangedGrid(browser, 'grid=geolocation', as117, { colorScheme: 'dark' });
  await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
  await page.setViewportSize({ width: 718, height: 1047 });
  for (const name of ['Download CSV', 'Columns']) assert.equal(await page.getByText(name).isVisible(), false);
  assert.equal(await page.getByRole('checkbox').first().isVisible(), false);
  const heading = page.getByRole('columnheader', { name: 'Stars' });
  assert.ok(await heading.isVisible());
  assert.equal(await page.locator('tbody tr').first().evaluate(each => getComputedStyle(each).display), 'table-row');
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth > innerWidth), false);
  const [ink, paper] = await page.evaluate(() => [
    getComputedStyle(document.querySelector('h1')).color,
    getComputedStyle(document.body).backgroundColor,
  ]);
  assert.equal(paper, 'rgb(255, 255, 255)');
  assert.ok(ink.match(/\d+/g).every(value => value < 60), ink);
  // How alive a package is: a browser prints no grounds by itself.
  const dot = page.locator('.age').first();
  assert.equal(await dot.evaluate(each => getComputedStyle(each, '::before').printColorAdjust), 'exact');
  await screenshot(page, 'frontend-print');
  const pdf = await page.pdf({ format: 'A4' });
  const pages = pdf.toString('latin1').match(/\/Type \/Page\b(?!s)/g).length;
  assert.ok(pages <= 6, `${pages} pages`);
  await closePage(page);
});

test('leads to the query in GraphiQL', async () => {
  const page = await openGrid(browser, 'grid=geolocation');
  const link = page.getByRole('link', { name: 'The query behind this page, in GraphiQL' });
  const { pathname, searchParams } = new URL(await link.getAttribute('href'), page.url());
  const answer = await page.request.post(new URL(pathname, page.url()).href, {
    data: { query: searchParams.get('query'), variables: JSON.parse(searchParams.get('variables')) },
  });
  const { data } = await answer.json();
  assert.equal(data.grid.packages.length, 4);
  await closePage(page);
});

test('says that it is loading, that the gateway failed, and tries again', async () => {
  // Nobody tells the page that the catalogue has changed, at which it would ask again by itself.
  const init = () => (window.EventSource = class extends EventTarget { close() {} });
  const page = await openPage(browser, '/example/', { ...DESKTOP, init });
  const link = page.getByRole('link', { name: /^Geolocation/ });
  await link.waitFor();
  let release;
  const asked = new Promise(resolve => onQuery(page, 'CompareGrid', route => resolve((release = route))));
  await link.click();
  await asked;
  await page.getByRole('heading', { name: 'Loading the grid' }).waitFor();
  await release.abort();
  await page.getByRole('alert').getByText('The gateway could not be reached').waitFor();
  await screenshot(page, 'frontend-failed');
  page.faults.length = 0; // The failure that was meant.

  await page.unrouteAll();
  await page.getByRole('button', { name: 'Try again' }).click();
  await page.locator('tbody tr').first().waitFor();
  assert.equal(await page.getByRole('alert').count(), 0);
  await closePage(page);
});

test('shows what there is when a part failed', async () => {
  const page = await openPage(browser, '/example/');
  await onAnswer(page, 'CompareGrid', ({ data }) => {
    data.grid.packages[0] = null;
    return { data, errors: [{ message: 'The upstream took too long.', path: ['grid', 'packages', 0] }] };
  });
  await page.getByRole('link', { name: /^Geolocation/ }).click();
  await page.getByRole('alert').getByText('The upstream took too long.').waitFor();
  assert.equal((await titles(page)).length, 3);
  await closePage(page);
});

test('says when there is no such grid, and when a grid is empty', async () => {
  const page = await openPage(browser, '/example/?grid=no-such-thing');
  await page.getByText('No grid is called “no-such-thing”').waitFor();
  await closePage(page);
  const empty = await openChangedGrid(browser, 'grid=geolocation', () => []);
  await empty.getByText('Nobody has put a package into this grid yet').waitFor();
  await closePage(empty);
});

test('what cannot be linked safely is no link', async () => {
  const spoil = ([first, ...others]) => [{ ...first, repoUrl: 'javascript:alert(1)' }, ...others];
  const page = await openChangedGrid(browser, 'grid=geolocation', spoil);
  assert.equal(await page.getByRole('link', { name: /^Repository of/ }).count(), 3);
  assert.equal(await page.locator('a[href^="javascript"]').count(), 0);
  await closePage(page);
});
