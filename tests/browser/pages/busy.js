/* A worker that never rests. */
for (;;);
