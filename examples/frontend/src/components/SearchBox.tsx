import './SearchBox.css';
import { type KeyboardEvent, useEffect, useId, useState } from 'react';
import { useQuery } from 'urql';
import { useLocation } from 'wouter';
import { gridAddress, packageAddress, searchAddress } from '../address';
import { counted, present } from '../format';
import { graphql } from '../gql';
import type { SuggestQuery } from '../gql/graphql';
import { Icon } from './Icon';

const PAUSE_MILLISECONDS = 150;

const Suggest = graphql(`
  query Suggest($words: String!) {
    search(query: $words, first: 8) {
      totalCount
      nodes {
        __typename
        ... on Grid {
          slug
          title
        }
        ... on Package {
          slug
          title
          category {
            title
          }
        }
      }
    }
  }
`);

interface Suggestion {
  address: string;
  title: string;
  detail: string;
}

/** A combobox that finds grids and packages (ARIA Authoring Practices, combobox); Enter alone leads to all results. */
export function SearchBox({ initial = '' }: { initial?: string }) {
  const [text, setText] = useState(initial);
  const [open, setOpen] = useState(false);
  const [active, setActive] = useState(-1);
  const [, navigate] = useLocation();
  const list = useId();

  const typed = text.trim();
  const words = useSettled(typed);
  const [{ data, error, fetching }] = useQuery({ query: Suggest, variables: { words }, pause: !words || !open });
  const suggestions = words ? suggest(data, words) : [];
  const shown = open && words !== '';

  const close = () => {
    setOpen(false);
    setActive(-1);
  };
  const go = (address: string) => {
    close();
    navigate(address);
  };
  const move = (step: number) => {
    setOpen(true);
    // One more than there are suggestions: the field itself is a stop of the round.
    const stops = suggestions.length + 1;
    setActive(((active + 1 + step + stops) % stops) - 1);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'ArrowDown') move(1);
    else if (event.key === 'ArrowUp') move(-1);
    else if (event.key === 'Enter' && typed) go(suggestions[active]?.address ?? searchAddress(typed));
    else if (event.key === 'Escape' && shown) close();
    else return;
    event.preventDefault();
  };

  return (
    <div className="search" role="search" aria-label="The catalogue">
      <Icon name="search" />
      <input
        type="text"
        role="combobox"
        aria-label="Find a grid or a package"
        aria-autocomplete="list"
        aria-expanded={shown}
        aria-controls={list}
        aria-activedescendant={active < 0 ? undefined : `${list}-${active}`}
        placeholder="Find a grid or a package"
        autoComplete="off"
        enterKeyHint="search"
        spellCheck={false}
        maxLength={200}
        value={text}
        onChange={event => {
          setText(event.target.value);
          setOpen(true);
          setActive(-1);
        }}
        onBlur={close}
        onKeyDown={onKeyDown}
      />
      <ul id={list} role="listbox" aria-label="Suggestions" hidden={!shown || !suggestions.length}>
        {suggestions.map((suggestion, index) => (
          <li
            key={suggestion.address}
            id={`${list}-${index}`}
            role="option"
            aria-selected={index === active}
            // Not click: the field would lose the focus first, and with it the list.
            onMouseDown={event => {
              event.preventDefault();
              go(suggestion.address);
            }}
          >
            <strong>{suggestion.title}</strong>
            <span>{suggestion.detail}</span>
          </li>
        ))}
      </ul>
      <p role="status" className={suggestions.length ? 'unseen' : 'nothing'} hidden={!shown}>
        {error ? 'The search failed; try again.' : fetching ? 'Searching …' : counted(suggestions.length, 'suggestion')}
      </p>
    </div>
  );
}

/** Returns a value once it has not changed for a moment. */
function useSettled(value: string): string {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), PAUSE_MILLISECONDS);
    return () => clearTimeout(timer);
  }, [value]);
  return settled;
}

/** Grids before packages, each the best first; then the way to all results. */
function suggest(data: SuggestQuery | undefined, words: string): Suggestion[] {
  const found = present(data?.search?.nodes);
  if (!data?.search || !found.length) return [];
  const grids = found.filter(each => each.__typename === 'Grid');
  const packages = found.filter(each => each.__typename === 'Package');
  return [
    ...grids.map(({ slug, title }) => ({ address: gridAddress(slug), title, detail: 'Grid' })),
    ...packages.map(({ slug, title, category }) => {
      return { address: packageAddress(slug), title, detail: category?.title ?? 'Package' };
    }),
    { address: searchAddress(words), title: counted(data.search.totalCount, 'result'), detail: `for “${words}”` },
  ];
}
