import './Prose.css';
import { useState } from 'react';

const MAX_CHARACTERS = 320;

/** A text of the catalogue, its beginning only where it is long. */
export function Prose({ text }: { text: string }) {
  const [whole, setWhole] = useState(false);
  const shortened = text.length > MAX_CHARACTERS && !whole;
  if (!text) return null;
  return (
    <p className="prose">
      {shortened ? `${text.slice(0, MAX_CHARACTERS).trimEnd()} … ` : text}
      {shortened && (
        <button type="button" className="bare" onClick={() => setWhole(true)}>
          Read on
        </button>
      )}
    </p>
  );
}
