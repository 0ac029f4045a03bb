# A write waits: one follower's disk hangs, the other follower is away. That one comes back and is
# brought the proposal with its synchronisation. That it is on its disk is news by itself, though
# nothing else is written.
ensemble 3 leader=3
c1 at 3
until connected c1
disk 1 stalled
cut 3-2
c1 create /waiting ""
until durable 3 1|2
wait 1s
expect not answered c1
heal
until answered c1 within 5s
disk 1 awake
until settled
----
3: proposed 1|1 createSession 10000 ms
2: logged 1|1, acked
3: logged 1|1, committed 1|1 by 2,3
1: logged 1|1, acked
c1: session open
3: proposed 1|2 create /waiting
3: logged 1|2
2: serves no longer, LOOKING
2: elected (3, 0|0, 1) in round 1, FOLLOWING 3
3: plans DIFF 1|1 and 0 more for 2
2: current epoch 1
2: logged 1|2
2: serves, acked
3: committed 1|2 by 2,3
c1: create /waiting "": /waiting
1: logged 1|2, acked
holds: agreement, total order, primary order, durability
