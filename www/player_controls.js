// The transport's buttons, the volume, and the heading above them.

import { announce } from './messages.js';
import { byId, setText } from './page.js';
import { STEP_S } from './transport.js';
import { formatLine } from './wording.js';

const playButton = byId('play-button');
const loopButton = byId('loop-button');
const muteButton = byId('mute-button');
const volumeBar = byId('volume-bar');
const previousButton = byId('previous-button');
const nextButton = byId('next-button');
const trackName = byId('track-name');
const trackFormat = byId('track-format');

function setIcon(button, name) {
  button.querySelector('use').setAttribute('href', `#icon-${name}`);
}

/** Connects buttons and sliders to `player` by the actions of `transport`. */
export function bindPlayerControls(player, transport) {
  let waiting = false;

  function showPlaying() {
    const playing = Boolean(player.track) && !player.paused && !player.ended;
    setIcon(playButton.querySelector('.play-icon'), playing ? 'pause' : 'play');
    playButton.setAttribute('aria-label', playing ? 'Pause' : 'Play');
    playButton.classList.toggle('is-waiting', playing && waiting);
    playButton.disabled = !player.track;
  }

  function showTrack() {
    const { track, queue } = player;
    setText(trackName, track ? track.name : 'Nothing to play yet');
    setText(trackFormat, track ? formatLine(track) || '\u00a0' : 'Open a file, drop one anywhere, or give an address.');
    document.title = track ? `${track.name} · Rusty Audio` : 'Rusty Audio';
    const index = queue.indexOf(track);
    previousButton.disabled = !track;
    nextButton.disabled = index < 0 || index + 1 >= queue.length;
    for (const id of ['back-button', 'forward-button']) byId(id).disabled = !track || track.seek === 'none';
    showPlaying();
  }

  function showVolume() {
    const silent = player.muted || player.volume === 0;
    setIcon(muteButton, silent ? 'muted' : 'volume');
    muteButton.setAttribute('aria-pressed', String(player.muted));
    volumeBar.value = String(player.volume);
    volumeBar.style.setProperty('--share', `${player.volume * 100}%`);
    volumeBar.setAttribute('aria-valuetext', `${Math.round(player.volume * 100)} percent${player.muted ? ', muted' : ''}`);
  }

  function showLoop() {
    loopButton.setAttribute('aria-pressed', String(player.loop));
  }

  playButton.addEventListener('click', () => transport.togglePlay());
  loopButton.addEventListener('click', () => transport.toggleLoop());
  muteButton.addEventListener('click', () => transport.toggleMute());
  previousButton.addEventListener('click', () => transport.previous());
  nextButton.addEventListener('click', () => transport.next());
  byId('back-button').addEventListener('click', () => transport.seekBy(-STEP_S));
  byId('forward-button').addEventListener('click', () => transport.seekBy(STEP_S));
  volumeBar.addEventListener('input', () => {
    player.volume = Number(volumeBar.value);
    player.muted = false;
  });

  for (const type of ['play', 'playing', 'pause', 'ended', 'waiting', 'seeking', 'seeked']) {
    player.addEventListener(type, () => {
      waiting = type === 'waiting' || (waiting && type === 'seeking');
      showPlaying();
    });
  }
  for (const type of ['trackchange', 'queuechange', 'loadedmetadata', 'durationchange']) {
    player.addEventListener(type, showTrack);
  }
  player.addEventListener('trackchange', () => {
    if (player.track && !player.paused) announce(`Playing ${player.track.name}`);
  });
  player.addEventListener('volumechange', showVolume);
  transport.addEventListener('loopchange', showLoop);

  for (const control of [loopButton, muteButton, volumeBar]) control.disabled = false;
  showTrack();
  showVolume();
  showLoop();
}
