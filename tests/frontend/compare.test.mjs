// Packages beside packages: picks, the comparison, alternatives.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { closePage, launch, PHONE, screenshot, violations } from '../browser/browser.mjs';
import { address, as117, isFocused, openChangedGrid, openGrid, packagesOf } from './example.mjs';

let browser;
before(async () => (browser = await launch()));
after(() => browser.close());

const pick = (page, title) => page.getByRole('checkbox', { name: `Pick ${title}`, exact: true });

test('up to five are picked with the keyboard; a sixth is not to be had', async () => {
  const page = await openChangedGrid(browser, 'grid=geolocation', as117);
  const boxes = page.getByRole('checkbox', { name: /^Pick / });
  for (let index = 0; index < 5; index++) {
    await boxes.nth(index).focus();
    await page.keyboard.press('Space');
  }
  await page.getByText('5 of 5 picked').waitFor();
  assert.ok(await boxes.nth(5).isDisabled());
  assert.ok(await boxes.nth(4).isEnabled());
  await page.getByRole('button', { name: /^Drop / }).first().click();
  await page.getByText('4 of 5 picked').waitFor();
  assert.ok(await boxes.nth(5).isEnabled());
  await page.getByRole('button', { name: 'Clear' }).click();
  assert.equal(await address(page), '?grid=geolocation');
  await closePage(page);
});

test('compares numbers side by side, and commits on one scale', async () => {
  const page = await openGrid(browser, 'grid=geolocation');
  const [one, other] = packagesOf('geolocation').filter(each => each.commits_over_52.some(Boolean));
  await pick(page, one.title).check();
  await page.getByText('pick another one to compare').waitFor();
  await pick(page, other.title).check();
  await page.getByRole('button', { name: 'Compare' }).click();
  const table = page.getByRole('table', { name: 'Packages side by side' });
  await table.waitFor();
  assert.ok(await isFocused(page.getByRole('main')));
  const texts = async name => table.getByRole('row', { name }).getByRole('cell').allInnerTexts();
  assert.deepEqual((await texts(/^Stars/)).map(text => text.trim()), [one, other].map(each => `${each.repo_watchers}`));
  assert.deepEqual((await texts(/^Forks/)).map(text => text.trim()), [one, other].map(each => `${each.repo_forks}`));

  const scales = await table.locator('.scale').evaluateAll(each => each.map(scale => scale.firstChild.textContent));
  assert.equal(new Set(scales).size, 1);
  const heights = await table.locator('.commit-chart svg').evaluateAll(charts =>
    charts.map(chart => [...chart.querySelectorAll('.bar')].map(bar => bar.height.baseVal.value)),
  );
  for (const [index, { commits_over_52: weeks }] of [one, other].entries()) {
    const expected = weeks.map(commits => (commits / Number(scales[0])) * 100);
    for (const [week, height] of heights[index].entries()) assert.ok(Math.abs(height - expected[week]) < 0.01);
  }
  assert.deepEqual(await violations(page), []);
  await screenshot(page, 'frontend-compare');

  const shared = await address(page);
  await page.reload();
  await table.waitFor();
  assert.equal(await address(page), shared);
  await page.goBack();
  await page.locator('tbody tr[data-package]').first().waitFor();
  assert.ok(await pick(page, one.title).isChecked());
  await closePage(page);
});

test('on a phone the comparison goes fact by fact, and each value says whose it is', async () => {
  const [one, other] = packagesOf('geolocation');
  const page = await openGrid(browser, `grid=geolocation&pick=${one.slug}+${other.slug}&compare=yes`, PHONE);
  const named = await page
    .getByRole('row', { name: /^Stars/ })
    .getByRole('cell')
    .evaluateAll(cells => cells.map(cell => getComputedStyle(cell, '::before').content));
  assert.deepEqual(named, [`"${one.title}"`, `"${other.title}"`]);
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
  await screenshot(page, 'frontend-compare-phone', { fullPage: true });
  await closePage(page);
});

test('alternatives are asked for when they are wanted, and lead to packages and comparisons', async () => {
  const page = await openGrid(browser, 'grid=geolocation');
  const asked = [];
  page.on('request', request => {
    const { pathname, searchParams } = new URL(request.url());
    if (pathname === '/graphql') asked.push(searchParams.get('operationName'));
  });
  const button = page.getByRole('button', { name: 'Alternatives to django-loci' });
  await button.focus();
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog', { name: 'Alternatives to django-loci' });
  await dialog.locator('li').first().waitFor();
  assert.deepEqual(asked, ['ListAlternatives']);
  const others = new Set(['geolocation', 'maps'].flatMap(packagesOf).map(each => each.title));
  others.delete('django-loci');
  assert.deepEqual(new Set(await dialog.locator('li .title').allInnerTexts()), others);
  assert.equal(await address(page), '?grid=geolocation&alternatives=django-loci');
  assert.deepEqual(await violations(page), []);
  await screenshot(page, 'frontend-alternatives');
  await page.keyboard.press('Escape');
  // The dialog is hidden before the page hears of it.
  await page.waitForFunction(() => location.search === '?grid=geolocation');
  assert.equal(await dialog.count(), 0);
  assert.ok(await isFocused(button));

  await button.click();
  await dialog.locator('li', { hasText: 'django-reploc' }).getByRole('link', { name: 'Maps' }).click();
  await page.getByRole('heading', { level: 1, name: 'Maps' }).waitFor();
  const heads = await page.getByRole('columnheader').allInnerTexts();
  assert.deepEqual(heads.filter(Boolean), ['django-loci', 'django-reploc']);
  await closePage(page);
});
