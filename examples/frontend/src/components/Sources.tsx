import './Sources.css';
import { type AnyVariables, type DocumentInput, stringifyDocument } from 'urql';

interface Props {
  webUrl: string;
  /** What is shown, in a word. */
  thing: string;
  query: DocumentInput;
  variables: AnyVariables;
}

/** Where a view comes from: the site's own page, and the query. */
export function Sources({ webUrl, thing, query, variables }: Props) {
  const parameters = new URLSearchParams({
    query: stringifyDocument(query),
    variables: JSON.stringify(variables, null, 2),
  });
  return (
    <p className="sources">
      <a href={webUrl}>This {thing} on Django Packages</a>
      <a href={`../graphql?${parameters}`}>The query behind this page, in GraphiQL</a>
    </p>
  );
}
