# Power fails while the disk of 1 writes: of two records one survives, the other only by half.
ensemble 3 seed=3 leader=3
c1 at 3
c1 create /a "x"
until answered c1
disk 1 stalled
c1 create /b "y"
c1 create /c "z"
until logged 1 1|4
crash 1 keeping 1
expect durable 1 1|3
expect not durable 1 1|4
start 1
until serves 1
until settled
----
3: proposed 1|1 createSession 10000 ms
2: logged 1|1, acked
1: logged 1|1, acked
3: logged 1|1, committed 1|1 by 2,3
3: proposed 1|2 create /a
c1: session open
3: logged 1|2
1: logged 1|2, acked
3: committed 1|2 by 1,3
2: logged 1|2, acked
c1: create /a "x": /a
3: proposed 1|3 create /b
3: proposed 1|4 create /c
1: fell; lost 1|4 (half written)
1: started, LOOKING
2: logged 1|3, acked
3: logged 1|3
3: committed 1|3 by 2,3
2: logged 1|4, acked
3: logged 1|4
c1: create /b "y": /b
3: committed 1|4 by 2,3
c1: create /c "z": /c
1: elected (3, 0|0, 1) in round 1, FOLLOWING 3
3: plans DIFF 1|4 and 1 more for 1
1: current epoch 1
1: logged 1|4
1: serves
holds: agreement, total order, primary order, durability
