# No TCP connection does this: COMMIT passes the PROPOSAL that it is about.
ensemble 3 seed=3 leader=3
c1 at 3
c1 create /a "x"
until sent PROPOSAL 3>1 1|2
hold 3>1 quorum 7
until sent COMMIT 3>1 1|2
unreal overtake 3>1 quorum 8
wait 15s
----
3: proposed 1|1 createSession 10000 ms
2: logged 1|1, acked
1: logged 1|1, acked
3: logged 1|1, committed 1|1 by 2,3
3: proposed 1|2 create /a
c1: session open
3: logged 1|2
2: logged 1|2, acked
3: committed 1|2 by 2,3
c1: create /a "x": /a
1: serves no longer, LOOKING
1: elected (3, 0|0, 1) in round 1, FOLLOWING 3
3: plans DIFF 1|2 and 1 more for 1
1: current epoch 1
1: logged 1|2
1: serves
holds: agreement, total order, primary order, durability
