// GraphiQL in a browser: how the tests find their way in it.
import { closePage, GATEWAY, openPage } from './browser.mjs';

export const examples = await (await fetch(`${GATEWAY}/examples.json`)).json();
export const titles = examples.map(({ title }) => title);

/** Opens GraphiQL, waits until it can be used (editor open, schema known), runs `use` and finds no fault. */
export async function graphiqlIn(browser, path, options, use) {
  const page = await openPage(browser, path, options);
  await page.locator('.graphiql-query-editor .view-line').first().waitFor();
  await page.locator('[aria-label^="Re-fetch"]:not([disabled])').waitFor();
  await use(page);
  await closePage(page);
}

export const editor = (page, name) => page.locator(`.graphiql-${name} .monaco-editor`).first();
export const tab = (page, title) => page.locator('.graphiql-tab', { hasText: title });
export const tabs = page => page.locator('.graphiql-tab').allInnerTexts();
export const openExample = (page, title) => tab(page, title).getByRole('button', { name: title }).click();
export const asked = page => new URL(page.url()).searchParams;

// Monaco renders only the lines in view, with no-break spaces; its model, which comes with the editor, has the text.
export const text = async (page, name) => {
  const model = await page.waitForFunction(
    suffix => globalThis.__MONACO?.editor.getModels().find(each => each.uri.path.endsWith(suffix)),
    name,
  );
  return model.evaluate(each => each.getValue());
};
export const query = page => text(page, 'operation.graphql');
export const result = page => text(page, 'response.json');

/** Replaces what an editor has by pasting: it closes brackets that are typed. */
export async function write(page, name, content) {
  await page.evaluate(pasted => navigator.clipboard.writeText(pasted), content);
  await page.locator(`.graphiql-${name} .monaco-editor:visible .view-line`).first().click();
  await page.keyboard.press('ControlOrMeta+a');
  await page.keyboard.press('ControlOrMeta+v');
}

export async function run(page) {
  const answered = page.waitForResponse(response => response.request().method() === 'POST');
  await page.getByRole('button', { name: /^Execute/ }).click();
  const answer = await (await answered).json();
  await page.waitForFunction(
    wanted => globalThis.__MONACO.editor.getModels().some(model => model.getValue() === wanted),
    JSON.stringify(answer, null, 2),
  );
  return answer;
}
