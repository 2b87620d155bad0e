// Burns one core until it is terminated.
for (;;);
