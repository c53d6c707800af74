// `npm test`: what a newcomer runs.
import './ok.js';
