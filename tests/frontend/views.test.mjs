// The other views as a person meets them: all grids, the search, a package; and the ways between them.
import assert from 'node:assert/strict';
import http from 'node:http';
import { after, before, test } from 'node:test';
import { closePage, GATEWAY, launch, openPage, screenshot } from '../browser/browser.mjs';
import { address, grids, isFocused, onAnswer, openGrid, packageOf, search, ungridded } from './example.mjs';

let browser;
before(async () => (browser = await launch()));
after(() => browser.close());

const allGrids = page => page.getByRole('heading', { name: `${grids.length} grids by title` });

test('lists all grids by title, however many pages they are, and finds one by a word', async () => {
  const page = await openPage(browser, '/example/?search=maps');
  // Two pages of the connection, where the gateway gives one.
  let second;
  await onAnswer(page, 'BrowseGrids', ({ data }) => {
    if (second) return { data: { grids: second } };
    const { nodes, pageInfo } = data.grids;
    second = { ...data.grids, nodes: nodes.slice(20) };
    const first = { ...data.grids, nodes: nodes.slice(0, 20), pageInfo: { ...pageInfo, hasNextPage: true } };
    return { data: { grids: first } };
  });
  await page.getByRole('link', { name: 'Package grids' }).click();
  await allGrids(page).waitFor();
  const shown = await page.locator('.index strong').allInnerTexts();
  assert.deepEqual(shown, grids.map(each => each.title).sort((one, other) => one.localeCompare(other, 'en')));
  const maps = page.getByRole('link', { name: /^Maps/ });
  assert.match(await maps.innerText(), /5/);

  await page.getByRole('searchbox', { name: /^Words/ }).fill('map');
  assert.deepEqual(await page.locator('.index strong').allInnerTexts(), ['Maps']);
  assert.equal(await address(page), '?words=map');
  await maps.click();
  await page.getByRole('heading', { level: 1, name: 'Maps' }).waitFor();
  await closePage(page);
});

test('a grid is found and opened with the keyboard alone', async () => {
  const page = await openPage(browser, '/example/');
  await allGrids(page).waitFor();
  for (let presses = 0; !(await isFocused(search(page))); presses++) {
    assert.ok(presses < 5);
    await page.keyboard.press('Tab');
  }
  await page.keyboard.type('geoloc');
  const option = page.getByRole('option', { name: /^Geolocation/ });
  await option.waitFor();
  await screenshot(page, 'frontend-suggestions');
  await page.keyboard.press('ArrowDown');
  assert.equal(await search(page).getAttribute('aria-activedescendant'), await option.getAttribute('id'));
  assert.equal(await option.getAttribute('aria-selected'), 'true');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { level: 1, name: 'Geolocation' }).waitFor();
  assert.equal(await address(page), '?grid=geolocation');
  assert.ok(await isFocused(page.getByRole('main')));

  await page.goBack();
  await allGrids(page).waitFor();
  await closePage(page);
});

test('suggestions close on Escape, lead to a package, and say when there are none', async () => {
  const page = await openPage(browser, '/example/');
  await search(page).fill('qwertzuiop');
  await page.getByText('0 suggestions').waitFor();
  await search(page).fill('vectortiles');
  const option = page.getByRole('option', { name: /^django-vectortiles/ });
  await option.waitFor();
  await page.keyboard.press('Escape');
  assert.equal(await option.isVisible(), false);
  await page.keyboard.press('ArrowDown');
  await option.click();
  await page.getByRole('heading', { level: 1, name: 'django-vectortiles' }).waitFor();
  assert.equal(await address(page), '?package=django-vectortiles');
  await closePage(page);
});

test('Enter leads to all results, page after page', async () => {
  const page = await openPage(browser, '/example/');
  await search(page).fill('django');
  await page.keyboard.press('Enter');
  const heading = page.getByRole('heading', { level: 1, name: /^\d+ results for “django”$/ });
  await heading.waitFor();
  assert.equal(await address(page), '?search=django');
  const total = parseInt(await heading.innerText());
  const hits = page.locator('.hit');
  assert.equal(await hits.count(), 20);
  const more = page.getByRole('button', { name: 'Show more results' });
  while (await more.count()) {
    const before = await hits.count();
    await more.click();
    await hits.nth(before).waitFor();
  }
  assert.equal(await hits.count(), total);
  const links = await hits.getByRole('heading').getByRole('link').evaluateAll(each => each.map(link => link.href));
  assert.equal(new Set(links).size, total);

  await search(page).fill('geolocation');
  await page.keyboard.press('Enter');
  await page.locator('.hit', { hasText: 'packages side by side' }).getByRole('link', { name: 'Geolocation' }).click();
  await page.getByRole('heading', { level: 1, name: 'Geolocation' }).waitFor();
  await closePage(page);
});

test('the results say when there are none, and when nothing was asked', async () => {
  const page = await openPage(browser, '/example/?search=qwertzuiop');
  await page.getByText('Nothing in the catalogue matches “qwertzuiop”').waitFor();
  await closePage(page);
  const blank = await openPage(browser, '/example/?search=');
  await blank.getByText('Type what to look for').waitFor();
  await closePage(blank);
});

test('a package’s page has all its facts, a week’s commits each, its grids, alternatives and participants', async () => {
  const page = await openPage(browser, '/example/?package=django-loci');
  await page.getByRole('heading', { level: 1, name: 'django-loci' }).waitFor();
  const known = packageOf('django-loci');
  const values = await page.locator('dl > div').evaluateAll(facts =>
    Object.fromEntries(facts.map(fact => [fact.querySelector('dt').textContent, fact.querySelector('dd').innerText])),
  );
  assert.equal(values['Stars'], `${known.repo_watchers}`);
  assert.equal(values['Forks'], `${known.repo_forks}`);
  assert.equal(values['Release on PyPI'], known.pypi_version);
  assert.equal(values['Repository'], known.repo_url.replace('https://', '').replace(/\/$/, ''));
  assert.equal(values['Id'], `${known.id}`);
  assert.equal(values['Slug'], 'django-loci');
  assert.equal(values['Category'], 'Apps');

  const weeks = known.commits_over_52;
  const heights = await page.locator('.commit-chart .bar').evaluateAll(bars => bars.map(bar => bar.height.baseVal.value));
  assert.equal(heights.length, weeks.length);
  const highest = Math.max(...heights);
  for (const [week, height] of heights.entries()) {
    assert.ok(Math.abs(height / highest - weeks[week] / Math.max(...weeks)) < 0.01);
  }
  assert.deepEqual(await page.locator('.participants li').allInnerTexts(), known.participants);
  assert.deepEqual(await page.locator('.package-grids a').allInnerTexts(), ['Geolocation', 'Maps']);
  assert.equal(await page.locator('.alternative').count(), 6);
  assert.equal(await page.title(), 'django-loci: a Django package');

  await page.locator('.package-grids').getByRole('link', { name: 'Maps' }).click();
  const row = page.locator('tr[data-package="django-loci"]');
  await row.waitFor();
  assert.ok(await isFocused(row));
  await closePage(page);
});

test('a package that is in no grid has a page too', async () => {
  const page = await openPage(browser, `/example/?package=${ungridded.slug}`);
  await page.getByRole('heading', { level: 1, name: ungridded.title.trim() }).waitFor();
  await page.getByText('No grid compares it.').waitFor();
  await page.getByText('No grid compares it with another package.').waitFor();
  assert.equal(await page.locator('.commit-chart .bar').count(), 52);
  await closePage(page);
});

test('says when there is no such package, and when nothing is known of one', async () => {
  const page = await openPage(browser, '/example/?package=no-such-thing');
  await page.getByText('No package is called “no-such-thing”').waitFor();
  await page.getByRole('link', { name: 'Search the catalogue for it' }).click();
  await page.getByText('Nothing in the catalogue matches “no such thing”').waitFor();

  const nothing = { lastUpdated: null, lastFetched: null, commitsOver52: [], repoUrl: null, pypiUrl: null, pypiName: null };
  const blank = { documentationUrl: null, pypiVersion: null, repoDescription: '', participants: [], category: null };
  await onAnswer(page, 'ShowPackage', ({ data }) => ({ data: { package: { ...data.package, ...nothing, ...blank } } }));
  await page.evaluate(() => history.pushState(null, '', '?package=django-loci'));
  await page.getByText('The catalogue has no counts of its commits.').waitFor();
  await page.getByText('The catalogue lists nobody.').waitFor();
  await closePage(page);
});

test('back returns to the place that one left, and a link begins at the top', async () => {
  const home = await openPage(browser, '/example/', { viewport: { width: 1280, height: 500 } });
  await home.getByRole('link', { name: /^Workflow/ }).click();
  await home.locator('tbody tr').first().waitFor();
  assert.equal(await home.evaluate(() => scrollY), 0);
  await home.goBack();
  await allGrids(home).waitFor();
  await home.waitForFunction(() => scrollY > 0);
  await closePage(home);

  const page = await openGrid(browser, 'grid=maps', { viewport: { width: 1280, height: 300 } });
  await page.evaluate(() => scrollTo(0, 150));
  await page.locator('tbody tr').last().getByRole('rowheader').getByRole('link').click();
  await page.locator('.figures').waitFor();
  assert.equal(await page.evaluate(() => scrollY), 0);
  await page.goBack();
  await page.locator('tbody tr').first().waitFor();
  await page.waitForFunction(() => scrollY > 0);
  await closePage(page);
});

test('works under the path at which a proxy mounts the gateway', async () => {
  const proxy = http.createServer((request, response) => {
    if (!request.url.startsWith('/some/where/')) return response.writeHead(404).end();
    const upstream = http.request(GATEWAY + request.url.slice('/some/where'.length), { headers: request.headers }, answer => {
      response.writeHead(answer.statusCode, answer.headers);
      answer.pipe(response);
    });
    upstream.end();
    response.on('close', () => upstream.destroy()); // of what is told of changes, there is always more
  });
  await new Promise(resolve => proxy.listen(0, '127.0.0.1', resolve));
  const page = await browser.newPage();
  await page.goto(`http://127.0.0.1:${proxy.address().port}/some/where/example/`);
  await page.getByRole('link', { name: /^Maps/ }).click();
  await page.locator('tbody .title a').first().click();
  await page.locator('.figures').waitFor();
  assert.equal(await page.evaluate(() => location.pathname), '/some/where/example/');
  const explorer = page.getByRole('link', { name: 'GraphiQL', exact: true });
  assert.equal(new URL(await explorer.getAttribute('href'), page.url()).pathname, '/some/where/graphql');
  await page.close();
  proxy.closeAllConnections();
  await new Promise(resolve => proxy.close(resolve));
});
