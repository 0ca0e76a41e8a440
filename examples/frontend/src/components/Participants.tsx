import './Participants.css';
import { useState } from 'react';
import { counted, formatNumber } from '../format';
import { type FragmentType, graphql, unmask } from '../gql';

const MAX_SHOWN = 40;

const Participants_package = graphql(`
  fragment Participants_package on Package {
    participants {
      login
    }
  }
`);

/** Who committed to a package's repository; of many only the first, until asked. */
export function Participants(props: { package: FragmentType<typeof Participants_package> }) {
  const { participants } = unmask(Participants_package, props.package);
  const [all, setAll] = useState(false);
  if (!participants.length) return <p className="unknown">The catalogue lists nobody.</p>;
  const shown = all ? participants : participants.slice(0, MAX_SHOWN);
  return (
    <div className="participants">
      <p>{counted(participants.length, 'participant')}</p>
      <ul>
        {shown.map(({ login }) => (
          <li key={login}>
            {login}
          </li>
        ))}
      </ul>
      {shown.length < participants.length && (
        <button type="button" onClick={() => setAll(true)}>
          Show all {formatNumber(participants.length)}
        </button>
      )}
    </div>
  );
}
