/** Fetches the worked examples, which ask for what the catalogue served here has: `{title, summary, query, variables}`,
 * the last two as text. Without an answer there are none. */
export async function fetchExamples(url) {
  try {
    const examples = await (await fetch(url)).json();
    return examples.map(({ variables, ...example }) => ({
      ...example,
      variables: variables ? JSON.stringify(variables, null, 2) : '',
    }));
  } catch {
    return [];
  }
}
