"""The fast core that every family uses: devices, packs, blocks, attention, pooling, MaxSim."""
