"""Every transport, version and QoS, against mosquitto and the embedded broker."""
