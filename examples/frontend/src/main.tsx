import './style.css';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { cacheExchange, Client, fetchExchange, Provider } from 'urql';
import { Router } from 'wouter';
import { App } from './App';

const client = new Client({
  url: '../graphql',
  exchanges: [cacheExchange, fetchExchange],
  // Caches between here and the gateway can keep a GET.
  preferGetMethod: 'within-url-limit',
  // A gateway with --allow-plain-get off runs no GET without it.
  fetchOptions: { headers: { 'Apollo-Require-Preflight': '1' } },
});

createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <Provider value={client}>
      <Router base={new URL('.', document.baseURI).pathname.replace(/\/$/, '')}>
        <App />
      </Router>
    </Provider>
  </StrictMode>,
);
