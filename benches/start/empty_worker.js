// As empty as a worker can be that still says that it runs.
postMessage('running');
