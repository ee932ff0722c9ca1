namespace Microsoft.ML.AudioTransformers.Tasks;

/// <summary>
/// Maximum bipartite matching (Hopcroft and Karp 1973).
/// </summary>
/// <remarks>
/// sed_eval counts substitutions among the events that its matching leaves over, and often there are several maximum
/// matchings. The order of the search is therefore part of the result: it is that of mir_eval, which sed_eval uses.
/// </remarks>
internal sealed class BipartiteMatching
{
    private const int None = -1;
    private const int Root = -2;

    private readonly List<(int Left, List<int> Rights)> _graph;
    private readonly int[] _leftOfRight;

    // During one round: the left vertices that reach a right one, and the right vertex from which a left one was reached.
    private readonly List<int>?[] _reachedBy;
    private readonly int[] _cameFrom;

    private BipartiteMatching(List<(int Left, List<int> Rights)> graph, int leftCount, int rightCount)
    {
        _graph = graph;
        _leftOfRight = new int[rightCount];
        _reachedBy = new List<int>?[rightCount];
        _cameFrom = new int[leftCount];
        Array.Fill(_leftOfRight, None);
    }

    /// <summary>Finds a maximum matching.</summary>
    /// <param name="graph">The left vertices in the order of the search, each with its right neighbours.</param>
    /// <param name="leftCount">Left vertices in all.</param>
    /// <param name="rightCount">Right vertices in all.</param>
    /// <returns>The left partner of each right vertex, or -1.</returns>
    public static int[] Find(List<(int Left, List<int> Rights)> graph, int leftCount, int rightCount)
    {
        var matching = new BipartiteMatching(graph, leftCount, rightCount);
        matching.MatchGreedily();
        while (matching.FindShortestPaths() is { Count: > 0 } ends)
        {
            foreach (int end in ends)
            {
                matching.Augment(end);
            }
        }

        return matching._leftOfRight;
    }

    private void MatchGreedily()
    {
        foreach ((int left, List<int> rights) in _graph)
        {
            int free = rights.FindIndex(right => _leftOfRight[right] == None);
            if (free >= 0)
            {
                _leftOfRight[rights[free]] = left;
            }
        }
    }

    /// <summary>Layers the graph from the free left vertices on, up to the first layer with free right vertices.</summary>
    private List<int> FindShortestPaths()
    {
        Array.Clear(_reachedBy);
        Array.Fill(_cameFrom, None);
        var rightsOfLeft = new List<int>[_cameFrom.Length];
        foreach ((int left, List<int> rights) in _graph)
        {
            rightsOfLeft[left] = rights;
            _cameFrom[left] = Root;
        }

        foreach (int left in _leftOfRight)
        {
            if (left != None)
            {
                _cameFrom[left] = None;
            }
        }

        List<int> layer = [.. _graph.Select(vertex => vertex.Left).Where(left => _cameFrom[left] == Root)];
        var ends = new List<int>();
        while (layer.Count > 0 && ends.Count == 0)
        {
            var reached = new List<int>();
            var reachedBy = new Dictionary<int, List<int>>();
            foreach (int left in layer)
            {
                foreach (int right in rightsOfLeft[left])
                {
                    if (_reachedBy[right] is not null)
                    {
                        continue;
                    }

                    if (!reachedBy.TryGetValue(right, out List<int>? lefts))
                    {
                        reachedBy.Add(right, lefts = []);
                        reached.Add(right);
                    }

                    lefts.Add(left);
                }
            }

            layer = [];
            foreach (int right in reached)
            {
                _reachedBy[right] = reachedBy[right];
                if (_leftOfRight[right] == None)
                {
                    ends.Add(right);
                }
                else
                {
                    layer.Add(_leftOfRight[right]);
                    _cameFrom[_leftOfRight[right]] = right;
                }
            }
        }

        return ends;
    }

    /// <summary>Goes back from a right vertex to a free left one, over vertices that no other path has used, and swaps
    /// what is matched along the way.</summary>
    private bool Augment(int right)
    {
        List<int>? lefts = _reachedBy[right];
        _reachedBy[right] = null;
        foreach (int left in lefts ?? [])
        {
            int from = _cameFrom[left];
            _cameFrom[left] = None;
            if (from == Root || (from != None && Augment(from)))
            {
                _leftOfRight[right] = left;
                return true;
            }
        }

        return false;
    }
}
