import './GridSearch.css';
import { type KeyboardEvent, useEffect, useId, useState } from 'react';
import { useQuery } from 'urql';
import { useLocation } from 'wouter';
import { gridAddress } from '../address';
import { counted } from '../format';
import { graphql } from '../gql';
import type { FindGridsQuery } from '../gql/graphql';

const PAUSE_MILLISECONDS = 150;

const FindGrids = graphql(`
  query FindGrids($text: String!) {
    search(query: $text, first: 12) {
      nodes {
        __typename
        ... on Grid {
          slug
          title
          packages {
            slug
          }
        }
        ... on Package {
          slug
          title
          grids {
            slug
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

/** A combobox that finds grids, and packages in the grids that compare them (ARIA Authoring Practices, combobox). */
export function GridSearch() {
  const [text, setText] = useState('');
  const [open, setOpen] = useState(false);
  const [active, setActive] = useState(-1);
  const [, navigate] = useLocation();
  const list = useId();

  const wanted = useSettled(text.trim());
  const [{ data, error, fetching }] = useQuery({ query: FindGrids, variables: { text: wanted }, pause: !wanted });
  const suggestions = wanted ? suggest(data) : [];
  const shown = open && wanted !== '';

  const close = () => {
    setOpen(false);
    setActive(-1);
  };
  const choose = ({ address }: Suggestion) => {
    setText('');
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
    const chosen = suggestions[Math.max(active, 0)];
    if (event.key === 'ArrowDown') move(1);
    else if (event.key === 'ArrowUp') move(-1);
    else if (event.key === 'Enter' && shown && chosen) choose(chosen);
    else if (event.key === 'Escape' && shown) close();
    else return;
    event.preventDefault();
  };

  return (
    <div className="search" role="search">
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
        spellCheck={false}
        maxLength={200}
        value={text}
        onChange={event => {
          setText(event.target.value);
          setOpen(true);
          setActive(-1);
        }}
        onFocus={() => setOpen(true)}
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
              choose(suggestion);
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

/** Grids before packages, each the best first. */
function suggest(data: FindGridsQuery | undefined): Suggestion[] {
  const found = data?.search?.nodes.filter(each => each !== null) ?? [];
  const grids = found.filter(each => each.__typename === 'Grid');
  const packages = found.filter(each => each.__typename === 'Package');
  return [
    ...grids.map(({ slug, title, packages }) => {
      const detail = packages ? counted(packages.length, 'package') : 'Grid';
      return { address: gridAddress(slug), title, detail };
    }),
    ...packages.flatMap(({ slug, title, grids }) => {
      const grid = grids?.find(each => each !== null);
      return grid ? [{ address: gridAddress(grid.slug, slug), title, detail: `Package in ${grid.title}` }] : [];
    }),
  ];
}
