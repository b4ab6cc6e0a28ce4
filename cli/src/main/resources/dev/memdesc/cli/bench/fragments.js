(function () {
  'use strict';
  var report = JSON.parse(document.getElementById('data').textContent);
  var charts = {};
  ['curves', 'ratios', 'ramp', 'stranded'].forEach(function (id) {
    charts[id] = echarts.init(document.getElementById(id), null, { renderer: 'svg' });
  });

  function linesOf(section, fragments) {
    return report[section].filter(function (line) {
      return line.tablesPerPage === fragments && line.has;
    });
  }

  function round(value) {
    return Math.round(value * 1000) / 1000;
  }

  function bars(chart, lines, unit, series) {
    chart.setOption({
      animation: false,
      tooltip: { trigger: 'axis', axisPointer: { type: 'shadow' } },
      legend: { show: true },
      grid: { left: 20, right: 40, top: 40, bottom: 20, containLabel: true },
      xAxis: { type: 'category', data: lines.map(function (line) { return line.policy; }) },
      yAxis: { type: 'value', name: unit },
      series: series.map(function (one) {
        return { name: one[0], type: 'bar',
          data: lines.map(function (line) { return round(line[one[1]]); }) };
      })
    }, true);
  }

  function curves(lines) {
    var steps = lines.length === 0 ? 0 : lines[0].curveBytes.length - 1;
    charts.curves.setOption({
      animation: false,
      tooltip: { trigger: 'axis' },
      legend: { show: true },
      grid: { left: 20, right: 40, top: 60, bottom: 20, containLabel: true },
      xAxis: { type: 'value', name: 'steps', max: report.steps },
      yAxis: { type: 'value', name: 'pages / live', scale: true },
      series: lines.map(function (line) {
        return { name: line.policy, type: 'line', showSymbol: false,
          data: line.curveBytes.slice(0, steps).map(function (bytes, sample) {
            return [sample * report.steps / steps, round(bytes / line.liveBytes)];
          }) };
      })
    }, true);
  }

  function show(fragments) {
    var churn = linesOf('churn', fragments);
    document.getElementById('about').textContent = churn.length === 0 ? '' :
      'tables of ' + churn[0].tableBytes + ' bytes, ' + fragments + ' a page; seed ' + report.seed;
    curves(churn);
    bars(charts.ratios, churn, 'pages / tables',
      [['all live', 'ratio'], ['only those never freed', 'survivorRatio']]);
    bars(charts.ramp, linesOf('ramp', fragments), 'pages / live',
      [['most just freed', 'lowRatio'], ['after churn', 'ratio']]);
    bars(charts.stranded, linesOf('stranded', fragments), 'bytes',
      [['one left', 'heldBytes'], ['new pages for as many again', 'newPageBytes']]);
  }

  var select = document.getElementById('fragments');
  report.churn.map(function (line) { return line.tablesPerPage; })
    .filter(function (n, index, all) { return all.indexOf(n) === index; })
    .forEach(function (n) {
      var option = document.createElement('option');
      option.value = n;
      option.textContent = n;
      select.appendChild(option);
    });
  select.addEventListener('change', function () { show(Number(select.value)); });
  if (select.options.length > 0) {
    show(Number(select.value));
  }
}());
