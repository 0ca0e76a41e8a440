import './style.css';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { cacheExchange, Client, fetchExchange, Provider } from 'urql';
import { Router } from 'wouter';
import { App } from './App';
import { followCatalogue, shownExchange } from './live';

// The gateway is one folder up, wherever that is mounted.
const client = new Client({
  url: '../graphql',
  exchanges: [shownExchange, cacheExchange, fetchExchange],
  // Caches between here and the gateway can keep a GET. The longest has some 2,200 characters; servers take 8,000.
  preferGetMethod: 'force',
  // A gateway with --allow-plain-get off runs no GET without it.
  fetchOptions: { headers: { 'Apollo-Require-Preflight': '1' } },
});

followCatalogue(client);

createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <Provider value={client}>
      <Router base={new URL('.', document.baseURI).pathname.replace(/\/$/, '')}>
        <App />
      </Router>
    </Provider>
  </StrictMode>,
);
